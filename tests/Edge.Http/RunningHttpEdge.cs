using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Http.Tests;

/// <summary>An HTTP edge on a free port, beside an SMTP edge that listens nowhere.</summary>
internal sealed class RunningHttpEdge : IAsyncDisposable
{
    private readonly ITransport _transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
    private readonly bool _isSecure;

    private RunningHttpEdge(IMailQueue queue, SmtpEdgeOptions options, HttpEdgeOptions http, string path, bool isSecure, IMeterFactory? meters)
    {
        _isSecure = isSecure;
        Smtp = new SmtpEdge(queue, _transport, options with { Listen = [] }, meters: meters);
        Smtp.Start();
        Http = new HttpEdge(Smtp, http with { Listen = [new HttpEdgeListener(new IPEndPoint(IPAddress.Loopback, 0)) { Path = path, IsSecure = isSecure }] });
    }

    public SmtpEdge Smtp { get; }

    public HttpEdge Http { get; }

    public IPEndPoint EndPoint => Http.EndPoints[0];

    public Uri Url => new($"{(_isSecure ? "https" : "http")}://127.0.0.1:{EndPoint.Port}/mail");

    /// <summary>Options under which no client is trusted and everybody may send to mine.test.</summary>
    public static SmtpEdgeOptions ForStrangers { get; } = new() { Trust = [], AcceptDomains = ["mine.test"] };

    public static async Task<RunningHttpEdge> StartAsync(
        IMailQueue queue, SmtpEdgeOptions? options = null, HttpEdgeOptions? http = null, string path = "/*", bool isSecure = false, IMeterFactory? meters = null)
    {
        var edge = new RunningHttpEdge(queue, options ?? new SmtpEdgeOptions(), http ?? new HttpEdgeOptions(), path, isSecure, meters);
        await edge.Http.StartAsync();
        return edge;
    }

    /// <summary>Posts a message as python-slimta's client does, and returns the answer, whose body is empty.</summary>
    public async Task<HttpResponseMessage> PostAsync(string message, string[]? to = null, Action<HttpRequestMessage>? change = null, string from = "a@client.test")
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using HttpRequestMessage request = MakeRequest(Url, new ByteArrayContent(Encoding.UTF8.GetBytes(message)), to, from);
        change?.Invoke(request);
        HttpResponseMessage response = await client.SendAsync(request);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        return response;
    }

    public static HttpRequestMessage MakeRequest(Uri url, HttpContent content, string[]? to = null, string from = "a@client.test")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Content.Headers.ContentType = new("message/rfc822");
        request.Headers.Add("X-Envelope-Sender", Encode(from));
        foreach (string recipient in to ?? ["b@mine.test"])
            request.Headers.Add("X-Envelope-Recipient", Encode(recipient));
        return request;
    }

    public static string Encode(string address) => Convert.ToBase64String(Encoding.UTF8.GetBytes(address));

    public async ValueTask DisposeAsync()
    {
        await Http.DisposeAsync();
        await Smtp.DisposeAsync();
        await _transport.DisposeAsync();
    }
}
