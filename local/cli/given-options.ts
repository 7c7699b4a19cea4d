import { type Command, CommanderError, type OptionValues } from 'commander';

/** What a program's options say: their values, or that help was asked for, or what is wrong with them. */
export type GivenOptions =
  | { kind: 'given'; options: OptionValues }
  | { kind: 'help'; text: string }
  | { kind: 'mistake'; message: string };

/** The part of commander's message after which it says what is wrong with a value. */
const INVALID = ' is invalid. ';
const CHOICES = /^Allowed choices are (.+)\.$/;

const inWords = (choices: string): string => choices.replace(/, ([^,]+)$/, ' or $1');

/**
 * Commander's own complaint in this project's words: `error: option '--budget <share>' argument '2' is invalid. expected …`
 * becomes `--budget: expected …`.
 */
export const complaintOf = ({ code, message }: CommanderError): string => {
  const text = message.replace(/^error: /, '');
  const option = /'(-[^'=\s]*)/.exec(text)?.[1];
  switch (code) {
    case 'commander.invalidArgument': {
      const [given, why = ''] = text.split(INVALID);
      const choices = CHOICES.exec(why)?.[1];
      if (choices === undefined) return `${option}: ${why}`;
      const value = /argument '(.*)'$/s.exec(given!)?.[1];
      return `${option}: expected ${inWords(choices)}, got ${JSON.stringify(value)}`;
    }
    case 'commander.missingMandatoryOptionValue':
    case 'commander.optionMissingArgument':
      return `${option}: expected a value, got nothing`;
    case 'commander.unknownOption':
      return `unknown option ${option}; --help lists what there is`;
    default:
      return text;
  }
};

/**
 * Lets a program parse the arguments after the script's name. Unlike commander alone, it neither prints nor ends the process.
 */
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
      : { kind: 'mistake', message: complaintOf(error) };
  }
  return { kind: 'given', options: program.opts() };
};
