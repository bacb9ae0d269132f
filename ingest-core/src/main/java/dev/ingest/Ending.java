package dev.ingest;

import org.jspecify.annotations.Nullable;

/** Why a server closes, and what it failed of if that is why. */
record Ending(CloseReason reason, @Nullable Throwable failure) {}
