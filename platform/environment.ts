/** Reads a variable that the stack sets on the function. Throws at the first use, naming it, where it is missing. */
export const environment = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`environment variable ${name}: expected a value, got none`);
  return value;
};
