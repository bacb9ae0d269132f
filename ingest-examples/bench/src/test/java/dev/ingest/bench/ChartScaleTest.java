package dev.ingest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChartScaleTest {
  @Test
  void a_linear_scale_ends_at_a_round_number_that_holds_all() {
    assertEquals(
        List.of(0.0, 50_000.0, 100_000.0, 150_000.0, 200_000.0, 250_000.0, 300_000.0),
        ChartScale.linear(261_234).ticks());
    assertEquals(List.of(0.0, 1.0, 2.0, 3.0, 4.0, 5.0), ChartScale.linear(5).ticks());
    assertEquals(0.5, ChartScale.linear(5).position(2.5));
  }

  @Test
  void a_logarithmic_scale_goes_in_powers_of_ten() {
    ChartScale scale = ChartScale.logarithmic(0.27, 85);
    assertEquals(0.1, scale.least(), 1e-9);
    assertEquals(100, scale.most(), 1e-9);
    assertEquals(4, scale.ticks().size());
    assertEquals(2 / 3.0, scale.position(10), 1e-9);
  }
}
