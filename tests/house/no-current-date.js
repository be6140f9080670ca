/** A lint rule: `Date()` and `new Date()` read the clock; `new Date(ms)` does not. */
const noCurrentDate = {
  create(context) {
    const check = node => {
      const readsClock = node.type === 'CallExpression' || node.arguments.length === 0;
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && readsClock) {
        context.report({ node, message: 'Use the clock port: this reads the clock of the machine.' });
      }
    };
    return { CallExpression: check, NewExpression: check };
  },
};

export default { meta: { name: 'house' }, rules: { 'no-current-date': noCurrentDate } };
