export { WorkflowRegistry } from '../workflow/registry.ts';
