namespace SlimtaFast.Admin.Requests;

/// <summary>Marks an end point that answers whoever can connect.</summary>
internal sealed class NeedsNoToken
{
    /// <summary>The mark.</summary>
    public static readonly NeedsNoToken Instance = new();
}
