using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SlimtaFast.Admin.Requests;

namespace SlimtaFast.Admin.Page;

/// <summary>
/// <c>/</c>: the page by which an operator sees the server and looks after its queue. Its files are the same for everybody and say nothing of the server, so
/// they need no token; what the page shows it asks of the API, with the token that the operator gives it.
/// </summary>
internal static class PageEndpoints
{
    // Nothing but these files runs or is shown, nothing but this listener is asked, nobody may frame it, and no text becomes markup or script, whatever the
    // page's own code does.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Adds the files.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (PageFile file in PageFiles.All)
            routes.MapMethods(file.Path, [HttpMethods.Get, HttpMethods.Head], context => AnswerAsync(context, file)).WithMetadata(NeedsNoToken.Instance, OpensFromAnywhere.Instance);
    }

    private static async Task AnswerAsync(HttpContext context, PageFile file)
    {
        IHeaderDictionary fields = context.Response.Headers;
        fields.ContentSecurityPolicy = Policy;
        fields.CacheControl = "no-cache";
        fields.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch == file.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = file.ContentType;
        context.Response.ContentLength = file.Octets.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await context.Response.Body.WriteAsync(file.Octets, context.RequestAborted);
    }
}
