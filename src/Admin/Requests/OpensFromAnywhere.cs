namespace SlimtaFast.Admin.Requests;

/// <summary>Marks what a link on another site's page may open: it changes nothing and tells that page nothing.</summary>
internal sealed class OpensFromAnywhere
{
    /// <summary>The mark.</summary>
    public static readonly OpensFromAnywhere Instance = new();
}
