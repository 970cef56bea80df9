/** Compares secrets so that the time it takes tells nothing about them: their digests have one length, and are compared to the end. */
import { hash, timingSafeEqual } from 'node:crypto';

export const isSameText = (left: string, right: string): boolean => timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
