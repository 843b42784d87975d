namespace SlimtaFast.Relay.Tests;

/// <summary>Tests that measure, and so run while no others do.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
