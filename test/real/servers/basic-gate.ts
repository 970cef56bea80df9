/**
 * A door with a password before a server that has none (Xandikos): lets requests with the right Basic credentials through,
 * answers all others 401.
 */
import { startGate, type Gate } from './gate.ts';

export async function startBasicGate(facts: { username: string; password: string; serverPort: number }): Promise<Gate> {
  const expected = `Basic ${Buffer.from(`${facts.username}:${facts.password}`, 'utf8').toString('base64')}`;
  return startGate(facts.serverPort, {
    admit: (incoming, answer, pass) => {
      if (incoming.headers.authorization === expected) {
        delete incoming.headers.authorization;
        return pass();
      }
      incoming.resume();
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="calendars"' }).end();
    },
  });
}
