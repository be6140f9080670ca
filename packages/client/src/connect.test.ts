import test from 'ava';
import { connect } from './connect.ts';

test('what is no URL of a node is refused, and a password in it not repeated', t => {
  for (const url of ['localhost:3367', 'ftp://host', 'http://', 'http://host/?key=x', undefined]) {
    t.throws(() => connect(url as string), { code: 'VALIDATION', message: /URL of a node/ });
  }
  const { message } = t.throws(() => connect('http://user:secret@host'));
  t.notRegex(message, /secret/);
  t.notThrows(() => connect('https://host/below/'));
});

test('options that are wrong are refused by name', t => {
  t.throws(() => connect('http://host', { apikey: 'x' } as object), { message: /Did you mean "apiKey"\?/ });
  t.throws(() => connect('http://host', { apiKey: 'two words' }), { message: /^apiKey of connect/ });
  t.throws(() => connect('http://host', { attempts: 0 }), { message: /^attempts of connect/ });
  t.throws(() => connect('http://host', { namespace: '' }), { message: /^namespace of connect/ });
});
