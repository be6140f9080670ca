import type { Rule } from 'eslint';
import type { Node } from './syntax.ts';
import { workflowCodeOf, type WorkflowCode } from './workflow-code.ts';

/** What a rule says of one place. */
export interface Finding {
  readonly node: Node;
  /** One of the rule's messages. */
  readonly messageId: string;
  readonly data?: Readonly<Record<string, string>> | undefined;
  /** Text in place of `node` that means the same and is durable: applied by `--fix`. */
  readonly fix?: string | undefined;
  /** Text in place of `node` (or of `replaced`) that the author probably means: offered, never applied unasked. */
  readonly suggestion?: { readonly text: string; readonly replaced?: Node } | undefined;
}

interface RuleText {
  readonly description: string;
  readonly messages: Readonly<Record<string, string>>;
}

const SUGGESTION = 'suggestion';

/** A rule that looks at a file's workflow code as a whole. */
export function workflowRule(
  { description, messages }: RuleText,
  find: (code: WorkflowCode, text: (node: Node) => string) => Iterable<Finding>,
): Rule.RuleModule {
  return {
    meta: {
      type: 'problem',
      fixable: 'code',
      hasSuggestions: true,
      docs: { description, recommended: true },
      messages: { ...messages, [SUGGESTION]: 'Write {{suggestion}}.' },
      schema: [],
    },
    create(context) {
      return {
        Program() {
          const code = workflowCodeOf(context.sourceCode);
          const text = (node: Node) => context.sourceCode.getText(node);
          for (const { node, messageId, data, fix, suggestion } of find(code, text)) {
            context.report({
              node,
              messageId,
              ...(data ? { data: { ...data } } : {}),
              ...(fix === undefined ? {} : { fix: fixer => fixer.replaceText(node, fix) }),
              ...(suggestion
                ? {
                    suggest: [
                      {
                        messageId: SUGGESTION,
                        data: { suggestion: suggestion.text },
                        fix: fixer => fixer.replaceText(suggestion.replaced ?? node, suggestion.text),
                      },
                    ],
                  }
                : {}),
            });
          }
        },
      };
    },
  };
}
