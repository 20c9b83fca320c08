// Figures measured by the tests, shown in the run's output.

export function measured(what: string, milliseconds: number): void {
  process.stderr.write(`measured: ${what}: ${Math.round(milliseconds)} ms\n`);
}
