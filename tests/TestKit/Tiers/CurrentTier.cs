namespace SlimtaFast.TestKit.Tiers;

/// <summary>The tier of this run.</summary>
public static class CurrentTier
{
    /// <summary>Quick, unless <c>SLIMTAFAST_TIER</c> says <c>full</c> or <c>long</c>.</summary>
    public static TestTier Value { get; } = Environment.GetEnvironmentVariable("SLIMTAFAST_TIER") switch
    {
        "full" => TestTier.Full,
        "long" => TestTier.Long,
        _ => TestTier.Quick,
    };

    /// <summary>Chooses a number of rounds by tier.</summary>
    public static int Rounds(int full, int many) => Value == TestTier.Long ? many : full;
}
