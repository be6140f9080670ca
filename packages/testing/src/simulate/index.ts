export { shrink, type Shrunk } from './shrink.ts';
export { simulate, type SimulateOptions, type Simulation } from './simulate.ts';
