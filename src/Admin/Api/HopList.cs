namespace SlimtaFast.Admin.Api;

/// <summary>The next hops with something to do, or suspended; of very many the busiest.</summary>
/// <param name="Hops">The hops.</param>
/// <param name="More">How many are left out.</param>
internal sealed record HopList(HopState[] Hops, int More);
