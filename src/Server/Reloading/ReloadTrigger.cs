using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace SlimtaFast.Server.Reloading;

/// <summary>
/// Has the configuration read again on SIGHUP and, where that is asked for, when its file has changed. A signal before the server runs is remembered, because
/// without anybody to take it, it would end the process. systemd is told that and when a reload ends (Type=notify-reload).
/// </summary>
internal sealed class ReloadTrigger(ConfigurationReload reload, ReloadPlan plan, TimeProvider time, ISystemdNotifier? manager = null) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private PosixSignalRegistration? _signal;
    private ITimer? _timer;
    private (DateTime Written, long Length) _seen;
    private (DateTime Written, long Length) _settling;
    private bool _isRunning;
    private bool _isWanted;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _seen = _settling = Look();
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Reload("SIGHUP");
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        bool isWanted;
        lock (_gate)
        {
            _isRunning = true;
            isWanted = _isWanted;
        }

        if (isWanted)
            Reload("SIGHUP");
        if (plan.OnChange)
            _timer = time.CreateTimer(static trigger => ((ReloadTrigger)trigger!).ReloadIfChanged(), this, LookEvery, LookEvery);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            _isRunning = false;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _signal?.Dispose();
    }

    private void Reload(string cause)
    {
        lock (_gate)
        {
            _isWanted = true;
            if (!_isRunning)
                return;
            _isWanted = false;
            // The microseconds of the monotonic clock, which is what this timestamp counts on Linux.
            long since = time.GetTimestamp() / (time.TimestampFrequency / 1_000_000);
            manager?.Notify(new ServiceState(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={since}")));
            bool isAccepted = reload.Run(cause);
            manager?.Notify(new ServiceState(isAccepted ? "READY=1\nSTATUS=" : "READY=1\nSTATUS=The changed configuration was refused; see the log"));
        }
    }

    // Acted on once it has stayed the same for two looks: an editor may still be writing.
    private void ReloadIfChanged()
    {
        lock (_gate)
        {
            (DateTime, long) now = Look();
            bool isSettled = now == _settling;
            _settling = now;
            if (!isSettled || now == _seen)
                return;
            _seen = now;
            Reload(plan.Path);
        }
    }

    private (DateTime Written, long Length) Look()
    {
        var file = new FileInfo(plan.Path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }
}
