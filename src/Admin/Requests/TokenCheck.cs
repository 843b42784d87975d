using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace SlimtaFast.Admin.Requests;

/// <summary>Lets requests with the token pass, and those for what needs none (RFC 6750). Thread-safe.</summary>
internal sealed class TokenCheck(string? token)
{
    private const string Scheme = "Bearer ";

    // Digests are compared, so that neither content nor length of the token shows in the time it takes.
    private readonly byte[]? _digest = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Answers with 401, or goes on.</summary>
    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (_digest is null || context.GetEndpoint()?.Metadata.GetMetadata<NeedsNoToken>() is not null || IsRight(context.Request))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"slimtafast\"";
        return context.Response.WriteAsync("The admin token is wanted: Authorization: Bearer TOKEN\n", context.RequestAborted);
    }

    private bool IsRight(HttpRequest request)
    {
        string given = request.Headers.Authorization.ToString();
        return given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given[Scheme.Length..].Trim())), _digest);
    }
}
