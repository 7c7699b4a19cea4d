import type { Violation } from '../world/oracle/violation.ts';
import type { Faults } from './faults.ts';

export type ChaosOptions = {
  readonly seed: number;
  /** How many sales of the simulated world are played at once: those of this seed and of the next ones. */
  readonly sales: number;
  /** How many times faster than real time the clock of the functions runs. */
  readonly speed: number;
  /** How long the sale is played with faults, in minutes of the functions' clock. */
  readonly minutes: number;
  /**
   * The mean time between two kills, two suspensions and two kills of the database, in ms of real time; each varies from 50 to
   * 150 % of it.
   */
  readonly everyMs: { readonly kill: number; readonly suspend: number; readonly database: number };
  /**
   * After `minutes`, the sale goes on until at least this many processes have been killed and this many faults have struck, or
   * until `maxMs` of real time have passed since it began.
   */
  readonly least: { readonly kills: number; readonly faults: number };
  readonly maxMs: number;
  /** How many times the whole emulator is restarted. */
  readonly restarts: number;
  /** An empty directory for the tables, the queues and the logs. */
  readonly directory: string;
  readonly onProgress: (progress: Progress) => void;
};

export type Progress = {
  /** Since the start of the sale, in ms of the functions' clock. */
  readonly playedMs: number;
  readonly kills: number;
  readonly suspensions: number;
  readonly databaseKills: number;
  readonly restarts: number;
  readonly faults: Faults;
  readonly calls: number;
};

export type ChaosResult = Progress & {
  readonly violations: readonly Violation[];
  readonly events: number;
  readonly deadLetters: number;
};
