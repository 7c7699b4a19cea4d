import { type Command, CommanderError, type OptionValues } from 'commander';

/** What a program's options say: their values, or that help was asked for, or what is wrong with them. */
export type GivenOptions =
  | { kind: 'given'; options: OptionValues }
  | { kind: 'help'; text: string }
  | { kind: 'mistake'; error: CommanderError };

/** Has a program parse the arguments after the script's name. It neither prints nor ends the process, as commander would. */
export const givenOptions = (program: Command, args: readonly string[]): GivenOptions => {
  let output = '';
  program.exitOverride().configureOutput({
    writeOut: (text) => {
      output += text;
    },
    writeErr: () => {},
  });
  try {
    program.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.code === 'commander.helpDisplayed'
      ? { kind: 'help', text: output }
      : { kind: 'mistake', error };
  }
  return { kind: 'given', options: program.opts() };
};
