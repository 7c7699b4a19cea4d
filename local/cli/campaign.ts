import { InputError } from '#local/console/input-error.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { readCampaignFile } from '../replay/openings.ts';
import { Mistake, parseArguments, reader } from './options.ts';
import { EXIT_DONE, EXIT_FAILED, runVerb } from './verb.ts';

export const CAMPAIGN_HELP = `Checks the definition of a campaign, or a whole presale.started event, by the contract.

  zhihui campaign validate FILE [--json]

Exit status: 0 it is well formed, 1 it is not, 2 an option is wrong or there is no such file.
`;

/** What the contract says of a definition: nothing, or which field it refuses and why. */
const faultOf = (file: string): { campaignId: string } | { message: string } => {
  try {
    return { campaignId: readCampaignFile(file, Date.now()).campaignId };
  } catch (error) {
    if (!(error instanceof InputError) || (error.cause as NodeJS.ErrnoException)?.code !== undefined)
      throw error;
    return { message: error.message.replace(/^--campaign /, '') };
  }
};

const validate = (file: string, isJson: boolean): number => {
  const found = faultOf(file);
  const isValid = 'campaignId' in found;
  const text = isValid ? `${file}: campaign ${found.campaignId} is well formed` : found.message;
  process.stdout.write(`${isJson ? printableJson({ file, valid: isValid, ...found }) : printable(text)}\n`);
  return isValid ? EXIT_DONE : EXIT_FAILED;
};

/** `zhihui campaign` as a command. */
export const campaignMain = ([action, ...args]: readonly string[]): Promise<number> =>
  runVerb(
    CAMPAIGN_HELP,
    parseArguments(
      action === '-h' || action === '--help' ? ['--help'] : action === undefined ? [''] : args,
      { texts: [], flags: ['json'], operands: ['FILE'] },
      (values, [file]) => {
        if (action !== 'validate')
          throw new Mistake(`expected validate, got ${JSON.stringify(action) ?? 'nothing'}`);
        return { file: file!, isJson: reader(values).flag('json') };
      },
    ),
    ({ file, isJson }) => validate(file, isJson),
  );
