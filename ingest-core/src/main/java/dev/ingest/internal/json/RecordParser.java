package dev.ingest.internal.json;

import java.io.Serial;
import java.nio.charset.StandardCharsets;
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
  /** More bytes than the longest {@code nan} or {@code inf} has. */
  private static final int LONGEST = 9;

  private final boolean takesNonNumbers;
  private int nonNumbers;
  private int nonNumberStart = -1;
  private int nonNumberEnd = -1;

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
    takesNonNumbers = factory.takesNonNumbers();
  }

  /** Tells whether the current token, a null, stands for a {@code nan} or {@code inf}. */
  boolean isNonNumber() {
    return _inputPtr == nonNumberEnd;
  }

  /** Returns the {@code nan} or {@code inf} that was found last, as it came. */
  String nonNumber() {
    return new String(
        _inputBuffer, nonNumberStart, nonNumberEnd - nonNumberStart, StandardCharsets.US_ASCII);
  }

  /** Returns how many have been found. */
  int nonNumbers() {
    return nonNumbers;
  }

  /** Called behind the first character of a value, if no value of JSON begins with it. */
  @Override
  protected JsonToken _handleUnexpectedValue(int first) {
    if (findNonNumber(_inputPtr - 1)) {
      _inputPtr = nonNumberEnd;
      return JsonToken.VALUE_NULL;
    }
    return super._handleUnexpectedValue(first);
  }

  /** Called behind a minus sign and a first character that is no digit. */
  @Override
  protected JsonToken _handleInvalidNumberStart(int first, boolean negative, boolean hasSign) {
    if (findNonNumber(_inputPtr - 2)) {
      _inputPtr = nonNumberEnd;
      return JsonToken.VALUE_NULL;
    }
    return super._handleInvalidNumberStart(first, negative, hasSign);
  }

  /**
   * Called at the first character that differs from {@code null}, {@code true} or {@code false}. If
   * this returns, Jackson steps on and calls it again, to the end of the word that it compares. So
   * it passes over a {@code nan} if it is set one character back before the first step.
   */
  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // as it is overridden
  protected <T> @Nullable T _reportInvalidToken(String matched) {
    if (matched.equals("n") && findNonNumber(_inputPtr - 1)) {
      _inputPtr--;
      return null;
    }
    boolean passingOver = _inputPtr < nonNumberEnd;
    return passingOver ? null : super._reportInvalidToken(matched);
  }

  private boolean findNonNumber(int start) {
    if (!takesNonNumbers || _streamReadContext.inRoot()) {
      return false;
    }
    int word = _inputBuffer[start] == '-' || _inputBuffer[start] == '+' ? start + 1 : start;
    int end = word;
    while (end < _inputEnd && end - word < LONGEST && !endsValue(_inputBuffer[end])) {
      end++;
    }
    if (!Words.isNonNumber(Words.of(_inputBuffer, word, end - word))) {
      return false;
    }
    nonNumbers++;
    nonNumberStart = start;
    nonNumberEnd = end;
    return true;
  }

  private static boolean endsValue(byte c) {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
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
