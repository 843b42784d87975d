using Microsoft.Extensions.Hosting;

namespace SlimtaFast.Admin.Hosting;

/// <summary>The web server's life is its listener's: signals of the process are none of its business.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
