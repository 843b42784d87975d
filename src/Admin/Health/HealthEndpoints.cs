using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SlimtaFast.Admin.Requests;

namespace SlimtaFast.Admin.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can take and deliver mail, else 503; each part is told.</summary>
internal static class HealthEndpoints
{
    /// <summary>Adds them; they need no token, since those who balance loads have none.</summary>
    public static void Map(IEndpointRouteBuilder routes, Readiness readiness)
    {
        routes.MapGet("/health/live", context => WriteAsync(context, "live", [])).WithMetadata(NeedsNoToken.Instance);
        routes.MapGet("/health/ready", context => AnswerAsync(context, readiness)).WithMetadata(NeedsNoToken.Instance);
    }

    private static async Task AnswerAsync(HttpContext context, Readiness readiness)
    {
        PartState[] parts = await readiness.AskAsync(context.RequestAborted);
        bool isReady = Array.TrueForAll(parts, static part => part.Problem is null);
        if (!isReady)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await WriteAsync(context, isReady ? "ready" : "not ready", parts);
    }

    private static async Task WriteAsync(HttpContext context, string status, PartState[] parts)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status"u8, status);
        if (parts.Length > 0)
            WriteParts(json, parts);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void WriteParts(Utf8JsonWriter json, PartState[] parts)
    {
        json.WriteStartArray("parts"u8);
        foreach (PartState part in parts)
        {
            json.WriteStartObject();
            json.WriteString("part"u8, part.Part);
            json.WriteBoolean("ready"u8, part.Problem is null);
            if (part.Problem is not null)
                json.WriteString("why"u8, part.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
