"""What there is to invoking beyond one call: payloads kept, bursts, comparisons."""
