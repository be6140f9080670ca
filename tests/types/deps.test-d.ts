import { task } from '@dfnsjs/actor-core';
import { expectTypeOf } from 'expect-type';

interface Mailer {
  send(to: string): Promise<void>;
}

declare module '@dfnsjs/actor-core' {
  interface Deps {
    readonly mailer: Mailer;
  }
}

// case: deps that are declared are typed
{
  task({ name: 'a' }, async (_, t) => {
    expectTypeOf(t.deps.mailer).toEqualTypeOf<Mailer>();
    await t.deps.mailer.send('mia');
  });
}

// case: other deps stay unknown
{
  task({ name: 'a' }, (_, t) => {
    expectTypeOf(t.deps['clock']).toEqualTypeOf<unknown>();
  });
}
