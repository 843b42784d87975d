namespace SlimtaFast.Admin.Api;

/// <summary>A request that cannot be answered as it was meant; becomes problem details (RFC 9457).</summary>
internal sealed class ApiException(int status, string title, string detail) : Exception(detail)
{
    /// <summary>The status of the answer.</summary>
    public int Status => status;

    /// <summary>What kind of mistake it is.</summary>
    public string Title => title;

    /// <summary>A request that is not as the API wants it.</summary>
    public static ApiException Wrong(string detail) => new(400, "The request is wrong.", detail);
}
