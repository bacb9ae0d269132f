package dev.ingest.internal.json;

import java.io.Serial;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.json.UTF8StreamJsonParser;

/**
 * Jackson's parser, whose exceptions have neither a place nor a stack trace: a sender decides how
 * many there are, and to make these takes several times as long as to decode a record.
 */
final class RecordParser extends UTF8StreamJsonParser {
  /** Makes a parser of a range of bytes, with the features and the names of its factory. */
  RecordParser(
      ObjectReadContext context,
      IOContext io,
      RecordParsers factory,
      byte[] bytes,
      int offset,
      int length) {
    super(
        context,
        io,
        factory.getStreamReadFeatures(),
        factory.getFormatReadFeatures(),
        null,
        factory.names(),
        bytes,
        offset,
        offset + length,
        0,
        false);
  }

  /** Returns where in the array of bytes the value begins that the parser has come to. */
  int valueStart() {
    return (int) (_tokenInputTotal - _currInputProcessed) - 1; // its counter counts from 1
  }

  /** Returns where the value ends: after its closing bracket, which the parser has come to then. */
  int valueEnd() {
    finishToken(); // as it may have read no more of a string than the quote
    return _inputPtr;
  }

  @Override
  protected StreamReadException _constructReadException(String message) {
    return new Malformed(message);
  }

  @Override
  protected StreamReadException _constructReadException(
      String message, TokenStreamLocation location) {
    return new Malformed(message);
  }

  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // as it is overridden
  protected <T> T _reportInvalidEOF(String message, @Nullable JsonToken token) {
    throw new Malformed("Unexpected end-of-input" + message);
  }

  @Override
  protected void _handleEOF() {
    if (!_streamReadContext.inRoot()) {
      String open = _streamReadContext.inArray() ? "array" : "object";
      throw new Malformed("Unexpected end-of-input: expected the end of an " + open);
    }
  }

  private static final class Malformed extends StreamReadException {
    @Serial private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
