namespace SlimtaFast.Admin.Api;

/// <summary>Names a next hop.</summary>
internal sealed record HopRequest
{
    public required string Hop { get; init; }
}
