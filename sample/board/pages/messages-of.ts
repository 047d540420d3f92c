import type { HttpException } from '@nestjs/common';

/** The sentences of an error: the validation gives a list of them, everything else one. */
export function messagesOf(error: HttpException): string[] {
  const response = error.getResponse();
  const message = typeof response === 'object' && 'message' in response ? response.message : error.message;
  return Array.isArray(message) ? message.map(String) : [String(message)];
}
