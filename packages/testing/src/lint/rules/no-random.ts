import { workflowRule } from '../rule.ts';
import { callOf, memberOn, propertyOf } from '../syntax.ts';

const CRYPTO = /^(node:)?crypto$/;
const RANDOM = new Set([
  ...['randomUUID', 'randomUUIDv7', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues'],
  ...['generateKey', 'generateKeySync', 'generateKeyPair', 'generateKeyPairSync', 'generatePrime', 'generatePrimeSync'],
]);
/** Packages that make ids by chance. */
const PACKAGES = new Set(['uuid', 'nanoid', 'ulid', 'ulidx', '@paralleldrive/cuid2', 'cuid']);

/** Chance, drawn in workflow code: something else in each replay. */
export const noRandom = workflowRule(
  {
    description: 'Draw by ctx.random() and ctx.uuid() in workflow code: other sources draw something else in replay.',
    messages: {
      random: '{{what}} draws something else in replay. Use ctx.random() or ctx.uuid(), or a step.',
    },
  },
  function* (code) {
    for (const { name, source, node } of code.outside()) {
      const ctx = code.ctxNameAt(node);
      if (source !== undefined && PACKAGES.has(source)) {
        yield { node, messageId: 'random', data: { what: `${name} of ${source}` } };
        continue;
      }
      const ofModule = source !== undefined && CRYPTO.test(source);
      if (ofModule && RANDOM.has(name)) {
        const uuid = name === 'randomUUID' ? callOf(node) : undefined;
        yield { node: uuid ?? node, messageId: 'random', data: { what: name }, fix: uuid && ctx && `${ctx}.uuid()` };
        continue;
      }
      const member = memberOn(node);
      const property = member && propertyOf(member);
      if (!member || property === undefined) continue;
      const isCrypto = source === undefined ? name === 'crypto' : ofModule && (name === '*' || name === 'default');
      const call = callOf(member);
      if (isCrypto && RANDOM.has(property)) {
        const fix = property === 'randomUUID' && call && ctx ? `${ctx}.uuid()` : undefined;
        yield { node: call ?? member, messageId: 'random', data: { what: `crypto.${property}` }, fix };
      } else if (source === undefined && name === 'Math' && property === 'random') {
        yield {
          node: call ?? member,
          messageId: 'random',
          data: { what: 'Math.random' },
          fix: call && ctx && `${ctx}.random()`,
        };
      }
    }
  },
);
