using System.Net;

namespace SlimtaFast.Admin.Tests.Fakes;

/// <summary>A listener on a free loopback port, and a client that says what it likes in header fields.</summary>
internal sealed class AdminClient : IAsyncDisposable
{
    private readonly AdminListener _listener;
    private readonly HttpClient _http;

    private AdminClient(AdminListener listener)
    {
        _listener = listener;
        _http = new HttpClient { BaseAddress = new Uri($"http://{listener.EndPoint}") };
    }

    public static async Task<AdminClient> StartAsync(AdminOptions? options = null, TelemetryExport? telemetry = null, params ReadinessCheck[] checks)
    {
        var listener = new AdminListener(options ?? new AdminOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, checks, telemetry);
        await listener.StartAsync();
        return new AdminClient(listener);
    }

    public IPEndPoint EndPoint => _listener.EndPoint!;

    /// <summary>Asks for a path with header fields, written <c>NAME: VALUE</c>.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(string path, params string[] fields)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path, fields);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params string[] fields)
    {
        var request = new HttpRequestMessage(method, path);
        foreach (string field in fields)
        {
            int colon = field.IndexOf(':', StringComparison.Ordinal);
            Assert.True(request.Headers.TryAddWithoutValidation(field[..colon], field[(colon + 1)..].Trim()));
        }

        return _http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _listener.StopAsync();
        await _listener.DisposeAsync();
    }
}
