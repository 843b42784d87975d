using Microsoft.Extensions.Logging;

namespace SlimtaFast.Admin.Hosting;

/// <summary>Hands the web server's lines on to the server's loggers.</summary>
internal sealed class SharedLoggers(ILoggerFactory loggers) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The factory is its maker's to dispose.
    }
}
