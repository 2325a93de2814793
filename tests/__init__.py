"""Tests by purpose: unit, spec, property, integration, architecture, benchmarks."""
