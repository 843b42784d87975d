using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using SlimtaFast.Queue;
using SlimtaFast.Storage;

namespace SlimtaFast.Admin.Api;

/// <summary>What all requests of the API have in common: how bodies are read, who asked, and how mistakes are told.</summary>
internal static class ApiRequests
{
    /// <summary>Turns mistakes into problem details, and refuses a body that is not JSON: a page of another site can send a form, but no JSON.</summary>
    public static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        try
        {
            if (HttpMethods.IsPost(request.Method) && !request.HasJsonContentType())
                throw new ApiException(415, "The request has the wrong content type.", "Orders are application/json.");
            return await next(context);
        }
        catch (ApiException wrong)
        {
            return Problem(wrong.Status, wrong.Title, wrong.Message);
        }
        catch (QueueDeskException wrong)
        {
            return Problem(400, "The request is wrong.", wrong.Message);
        }
        catch (BadHttpRequestException wrong)
        {
            return Problem(wrong.StatusCode, "The request is wrong.", wrong.Message);
        }
        catch (StorageException trouble)
        {
            return Problem(503, "The queue's storage does not answer.", trouble.Message);
        }
    }

    /// <summary>Reads a body.</summary>
    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, (JsonTypeInfo<T>)ApiJson.Options.GetTypeInfo(typeof(T)), cancellationToken)
                ?? throw ApiException.Wrong("The body is null.");
        }
        catch (JsonException wrong)
        {
            throw ApiException.Wrong(wrong.Path is { Length: > 0 } path ? $"{path}: {wrong.Message}" : wrong.Message);
        }
    }

    /// <summary>Reads a number of a query.</summary>
    public static T? Number<T>(string name, string? text)
        where T : struct, IParsable<T>
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return T.TryParse(text, CultureInfo.InvariantCulture, out T value) ? value : throw ApiException.Wrong($"{name}: '{Short(text)}' is not a number.");
    }

    /// <summary>Reads a name of a query.</summary>
    public static T? Name<T>(string name, string? text)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return !char.IsAsciiLetter(text[0]) || !Enum.TryParse(text, ignoreCase: true, out T value) || !Enum.IsDefined(value) || text.Contains(',', StringComparison.Ordinal)
            ? throw ApiException.Wrong($"{name}: '{Short(text)}' is none of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))}.")
            : value;
    }

    /// <summary>Who asked, for the log.</summary>
    public static string By(HttpContext context) => $"admin at {context.Connection.RemoteIpAddress ?? IPAddress.None}";

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";

    private static ProblemHttpResult Problem(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title);
}
