using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.Protocol.Transport.Pipes;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>
/// TLS over the two sides of a connection: its handshake, and the reader and writer that take their places afterwards. It exists only
/// for connections that use it.
/// </summary>
internal sealed class TlsLayer : IDisposable
{
    private readonly RecordStream _records;
    private readonly TlsStream _stream;
    private TlsReader? _input;
    private TlsWriter? _output;

    /// <summary>Prepares a handshake; nobody may read or write the sides any more.</summary>
    public TlsLayer(ConnectionReader reader, ConnectionWriter writer)
    {
        _records = new RecordStream(reader, writer);
        _stream = new TlsStream(_records);
    }

    /// <summary>What the peer sends, decrypted; null before the handshake is done.</summary>
    public TlsReader? Input => _input;

    /// <summary>What goes to the peer, to be encrypted; null before the handshake is done.</summary>
    public TlsWriter? Output => _output;

    /// <summary>What the handshake settled; null before it is done.</summary>
    public TlsFacts? Facts { get; private set; }

    /// <summary>Shakes hands as the server.</summary>
    public Task AcceptAsync(TlsServerSettings settings, CancellationToken cancellationToken) =>
        RunAsync(() => _stream.AuthenticateAsServerAsync(ChooseCertificate, settings, cancellationToken), cancellationToken);

    /// <summary>Shakes hands as the client.</summary>
    public Task ConnectAsync(TlsClientSettings settings, string serverName, CancellationToken cancellationToken) =>
        RunAsync(() => _stream.AuthenticateAsClientAsync(settings.GetOptions(serverName), cancellationToken), cancellationToken);

    /// <summary>Sets the reader and writer up after the handshake.</summary>
    public void Open(ConnectionReader reader, ConnectionWriter writer, Reactors.Reactor reactor)
    {
        _records.IsHandshaking = false;
        Facts = new TlsFacts(_stream, _stream.IsPeerVerified);
        _input = new TlsReader(reader, _records, _stream, reactor);
        _output = new TlsWriter(writer, _stream);
    }

    /// <summary>Data that binds an authentication to this connection (RFC 5929 section 4); empty where there is none of the kind.</summary>
    public ReadOnlyMemory<byte> GetChannelBinding(string kind)
    {
        if (kind != ServerEndPointBinding.Kind || Facts is null)
            return default;
        X509Certificate? certificate = _stream.IsServer ? _stream.LocalCertificate : _stream.RemoteCertificate;
        return certificate is X509Certificate2 server ? ServerEndPointBinding.Compute(server) : default;
    }

    /// <summary>Writes the alert that ends our side, where that is still possible.</summary>
    public void SayGoodbye()
    {
        if (_input is not { HasFailed: false })
            return;
        try
        {
            _output?.SayGoodbye();
        }
#pragma warning disable CA1031 // The encoder fails with types that have no public name. The connection closes in any case; the alert is a courtesy.
        catch (Exception)
#pragma warning restore CA1031
        {
            _output?.Close();
        }
    }

    /// <summary>Gives everything back at the connection's end.</summary>
    public void Dispose()
    {
        _input?.Close();
        _output?.Close();
        _stream.Dispose();
        _records.Dispose();
    }

    private static ValueTask<SslServerAuthenticationOptions> ChooseCertificate(
        SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken)
    {
        var settings = (TlsServerSettings)state!;
        return ValueTask.FromResult(settings.GetOptions(settings.Certificates.Find(hello.ServerName)));
    }

    private async Task RunAsync(Func<Task> shakeHands, CancellationToken cancellationToken)
    {
        _records.Cancellation = cancellationToken;
        try
        {
            await Start(shakeHands);
        }
        catch (Exception failure)
        {
            // What the connection failed with is what its reader and writer fail with.
            if (_records.Fault is { } fault)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
            if (failure is AuthenticationException or IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
                throw new TlsHandshakeException(Explain(failure), failure);
            throw;
        }
    }

    // The decoder's awaits take no context; without one they stay on this thread (see RecordStream).
    private static Task Start(Func<Task> shakeHands)
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return shakeHands();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private string Explain(Exception failure)
    {
        if (_stream.Objection is { } objection)
            return $"The TLS handshake failed: {objection}.";
        string reason = failure.Message;
        for (Exception? inner = failure.InnerException; inner is not null; inner = inner.InnerException)
            reason = inner.Message;
        return $"The TLS handshake failed: {reason}";
    }
}
