using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SlimtaFast.Edge.Sessions;

namespace SlimtaFast.Edge.Http.Hosting;

/// <summary>Makes the web server: Kestrel and nothing else of ASP.NET Core, no configuration of its own, no signals.</summary>
internal static class WebServer
{
    // Beside one field for each recipient, or two.
    private const int OtherFields = 100;

    /// <summary>A server with the listeners, which is not started.</summary>
    public static WebApplication Build(HttpEdgeOptions options, ListenerBinding binding, EdgeResources resources, ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(new SharedLoggers(loggers)).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        // How long a stop waits is told by who stops.
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.AllowSynchronousIO = false;
            server.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
            Configure(server.Limits, options, resources);
            binding.Bind(server);
        });
        return builder.Build();
    }

    private static void Configure(KestrelServerLimits limits, HttpEdgeOptions options, EdgeResources resources)
    {
        // Connections are counted by the gate, and sizes by the session, which answers in mail's own terms.
        limits.MaxConcurrentConnections = null;
        limits.MaxRequestBodySize = null;
        limits.KeepAliveTimeout = options.IdleTimeout;
        limits.RequestHeadersTimeout = options.HeaderTimeout;
        limits.MaxRequestHeadersTotalSize = options.MaxHeaderOctets;
        limits.MaxRequestHeaderCount = (2 * resources.Session.MaxRecipients) + OtherFields;
        limits.MinRequestBodyDataRate = options.MinDataRate > 0 ? new MinDataRate(options.MinDataRate, options.DataRateGrace) : null;
    }
}
