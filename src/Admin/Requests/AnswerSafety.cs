using Microsoft.AspNetCore.Http;

namespace SlimtaFast.Admin.Requests;

/// <summary>What every answer says to a browser: take it as what it says it is, show it in nobody's frame, and tell nobody where one was.</summary>
internal static class AnswerSafety
{
    /// <summary>Adds the header fields and goes on.</summary>
    public static Task PassAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary fields = context.Response.Headers;
        fields.XContentTypeOptions = "nosniff";
        fields["Referrer-Policy"] = "no-referrer";
        fields.XFrameOptions = "DENY";
        fields["Cross-Origin-Resource-Policy"] = "same-origin";
        fields["Cross-Origin-Opener-Policy"] = "same-origin";
        fields.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return next(context);
    }
}
