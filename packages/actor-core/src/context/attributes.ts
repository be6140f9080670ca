import { readAttributeChanges } from '../definition/attribute-types.ts';
import type { AttributeType } from '../execution/attributes.ts';
import { mergeAttributes } from '../execution/attributes.ts';
import type { Scope } from '../state/scope.ts';
import type { Issuer } from './issuer.ts';

export function setAttributes(
  issuer: Issuer,
  scope: Scope,
  declared: ReadonlyMap<string, AttributeType> | undefined,
  changes: unknown,
): void {
  issuer.assertRunning();
  const { state } = issuer;
  const parsed = readAttributeChanges(declared, changes, `workflow ${JSON.stringify(state.run.workflow)}`);
  mergeAttributes(state.attributes ?? undefined, parsed);
  const command = issuer.issue({ kind: 'attributes', changes: [...parsed] }, scope);
  state.attributes = mergeAttributes(state.attributes ?? undefined, command.changes);
  state.rowChanged = true;
}

export function setDetails(issuer: Issuer, scope: Scope, text: string): void {
  issuer.assertRunning();
  const command = issuer.issue({ kind: 'details', text }, scope);
  issuer.state.details = command.text;
  issuer.state.rowChanged = true;
}
