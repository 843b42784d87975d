namespace SlimtaFast.Storage.OpenStack.Swift;

/// <summary>Reads the header fields of an answer.</summary>
internal static class SwiftHeaders
{
    /// <summary>The value of a field, wherever the client put it; null where there is none.</summary>
    public static string? Find(HttpResponseMessage answer, string name) =>
        answer.Headers.NonValidated.TryGetValues(name, out var values) || answer.Content.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString() : null;
}
