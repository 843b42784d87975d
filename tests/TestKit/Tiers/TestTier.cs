namespace SlimtaFast.TestKit.Tiers;

/// <summary>How much is tested in this run, from the environment variable <c>SLIMTAFAST_TIER</c>.</summary>
public enum TestTier
{
    /// <summary>No root, no servers.</summary>
    Quick,

    /// <summary>Real servers, a few kills and power cuts.</summary>
    Full,

    /// <summary>Hundreds of them.</summary>
    Long,
}
