using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>A transport of two reactors for one test, with a clock that the test moves.</summary>
public abstract class TransportTestCase(TransportKind kind) : IAsyncLifetime
{
    private readonly List<Exception> _faults = [];
    private ITransport? _transport;

    private protected FakeTimeProvider Time { get; } = new();

    private protected TransportKind Kind => kind;

    private protected ITransport Transport => _transport!;

    public Task InitializeAsync()
    {
        _transport = Transports.Create(new TransportOptions { Kind = kind, Reactors = 2, UnobservedFault = Note }, Time);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Transport.DisposeAsync().AsTask().WaitAsync(TransportFixture.Patience);

    private protected Exception[] GetFaults()
    {
        lock (_faults)
        {
            return [.. _faults];
        }
    }

    private void Note(Exception exception)
    {
        lock (_faults)
        {
            _faults.Add(exception);
        }
    }
}
