/** A URL without the password or token in it: whoever prints a setup pastes it somewhere. */
export function hidePassword(url: string): string {
  // NATS takes a user without a password for a token.
  if (/^(nats|tls):/.test(url)) url = url.replace(/(\/\/)[^:/@\s]+@/, '$1(hidden)@');
  return url.replace(/(\/\/[^:/@\s]*):[^@\s]*@/, '$1:(hidden)@');
}
