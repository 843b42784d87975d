using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Connections;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Protocol.Tests.Client;

/// <summary>A client session connected to a scripted server in memory.</summary>
internal sealed class ClientFixture
{
    private readonly MessageContent _content;

    public ClientFixture(ScriptedServer server, SmtpClientOptions? options = null, string text = Contents.Text)
    {
        Server = server;
        (Client, MemoryConnection far) = MemoryConnection.CreatePair(Time);
        Serving = RunServerAsync(far);
        Session = new SmtpClientSession(Client, options ?? new SmtpClientOptions { HelloName = "client.example" }, time: Time);
        _content = Contents.InMemory(text);
        Envelope = Envelopes.Make(_content);
    }

    public FakeTimeProvider Time { get; } = new();

    public ScriptedServer Server { get; }

    public MemoryConnection Client { get; }

    public SmtpClientSession Session { get; }

    public Task Serving { get; }

    public Envelope Envelope { get; set; }

    public async Task<SmtpTransactionResult> OpenAndSendAsync(bool isCautious = false)
    {
        SmtpReply reply = await Session.OpenAsync(CancellationToken.None);
        Assert.True(reply.IsPositive, $"{reply} {Session.Problem}");
        return await SendAsync(isCautious);
    }

    public async Task<SmtpTransactionResult> SendAsync(bool isCautious = false) =>
        await Session.SendAsync(Envelope, Envelope.Recipients, isCautious, CancellationToken.None);

    private async Task RunServerAsync(MemoryConnection far)
    {
        try
        {
            await Server.RunAsync(far);
        }
        catch (IOException)
        {
            // The client aborted.
        }
    }
}
