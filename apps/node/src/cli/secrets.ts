/** A URL without the password in it: whoever prints a setup pastes it somewhere. */
export function hidePassword(url: string): string {
  return url.replace(/(\/\/[^:/@\s]*):[^@\s]*@/, '$1:(hidden)@');
}
