using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SlimtaFast.Admin.Requests;

/// <summary>
/// Refuses what a browser sends for a foreign page: requests for a name that is none of ours (DNS rebinding makes an attacker's name point at
/// us), and requests that another site's page makes. Thread-safe.
/// </summary>
internal sealed class OriginCheck(IReadOnlyList<string> hostNames)
{
    /// <summary>Answers with 403, or goes on.</summary>
    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsOurs(context))
            return RefuseAsync(context, "This is not a name of the admin listener; Admin:HostNames lists further ones.\n");
        return IsForeign(context.Request) && !IsOpened(context) ? RefuseAsync(context, "Requests of other sites' pages are refused.\n") : next(context);
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync(why, context.RequestAborted);
    }

    // An address is what a name server cannot point elsewhere; so is localhost, which browsers resolve themselves.
    private bool IsOurs(HttpContext context)
    {
        string host = context.Request.Host.Host;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || hostNames.Contains(host, StringComparer.OrdinalIgnoreCase))
            return true;
        if (!IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
            return false;
        return IPAddress.IsLoopback(address) || Plain(address).Equals(Plain(context.Connection.LocalIpAddress ?? IPAddress.None));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private bool IsForeign(HttpRequest request)
    {
        StringValues origin = request.Headers.Origin;
        if (origin.Count > 0 && !IsOurs(origin.ToString(), request))
            return true;
        StringValues site = request.Headers["Sec-Fetch-Site"];
        return site.Count > 0 && site.ToString() is not ("same-origin" or "none");
    }

    // Behind a proxy that speaks TLS to browsers the page is at https:, under a name that the operator has told.
    private bool IsOurs(string origin, HttpRequest request) =>
        origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || (hostNames.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase) && origin.Equals($"https://{request.Host}", StringComparison.OrdinalIgnoreCase));

    // A link was followed to the page: what the browser shows then is out of the other page's reach.
    private static bool IsOpened(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<OpensFromAnywhere>() is not null
        && HttpMethods.IsGet(context.Request.Method)
        && context.Request.Headers["Sec-Fetch-Mode"] == "navigate"
        && context.Request.Headers["Sec-Fetch-Dest"] == "document";
}
