import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What a request must show. */
export interface Guard {
  /** 32 hex digits, new at each start. */
  token: string;
  port: number;
}

/** Why a request is turned away, in plain words. */
export interface Refusal {
  status: 401 | 403;
  message: string;
}

/** Cookies do not know ports: two servers on one machine must not take each other's. */
export function cookieName(port: number): string {
  return `heirloom_${port}`;
}

/** Strict: no other site's page can send it along. */
export function tokenCookie({ token, port }: Guard): string {
  return `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;
}

/** Of digests, so that neither the length nor the place of a difference shows in the time. */
function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function ofCookie(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
}

function givenTokens(request: IncomingMessage, url: URL, port: number): string[] {
  const { authorization = '', cookie } = request.headers;
  const bearer = /^Bearer (.+)$/.exec(authorization)?.[1];
  const query = url.searchParams.get('token');
  return [...ofCookie(cookie, cookieName(port)), bearer, query].filter((token) => token != null);
}

/** The hosts under which this machine reaches the server: anything else is a name that was bent to 127.0.0.1. */
function ownHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

/**
 * Judges a request before anything of it is used: the Host against DNS rebinding, the Origin against other sites'
 * pages, the token against other users and programs of this machine. `needsOrigin`: a request that changes something
 * or opens a socket must say where it comes from.
 */
export function refusal(
  request: IncomingMessage,
  url: URL,
  { token, port }: Guard,
  needsOrigin: boolean,
): Refusal | null {
  const { host, origin } = request.headers;
  const hosts = request.headersDistinct.host?.length ?? 0;
  if (hosts !== 1 || host === undefined || !ownHosts(port).includes(host))
    return { status: 403, message: `Heirloom answers as 127.0.0.1:${port} only.` };
  if (origin === undefined ? needsOrigin : origin !== `http://${host}`)
    return { status: 403, message: "Heirloom answers to its own page only, not to another site's." };
  if (!givenTokens(request, url, port).some((given) => equal(given, token)))
    return {
      status: 401,
      message: 'The token is missing or old. Open the address that Heirloom printed when it started.',
    };
  return null;
}
