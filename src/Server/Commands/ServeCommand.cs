using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using SlimtaFast.Admin;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Hosting;
using SlimtaFast.Server.Logging;
using SlimtaFast.Server.Reloading;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast serve</c>: the mail server.</summary>
internal static class ServeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "serve",
            """
            Receives mail, stores it durably, and delivers it. Prints "listening on ADDR:PORT" when ready; SIGTERM stops it gracefully.

            With --queue amqp://... it only receives, and workers (slimtafast work) deliver; with --relay as well it does both.

            Every option is also a key of the configuration file and an environment variable: --max-age is MaxAge, SLIMTAFAST__MaxAge.
            Options override the environment, which overrides the file. "slimtafast check" validates all of it.

            Examples:
              slimtafast serve
              slimtafast serve --relay smtp://127.0.0.1:2626
              slimtafast serve --queue amqp://10.0.0.5
              slimtafast serve --listen 0.0.0.0:25 --hostname mx.example.org --accept-domain example.org --storage disk:/var/spool/slimtafast
            """);
        var options = new SettingOptions(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(options.From(parsed), static settings => settings.ForServe(), "", parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    /// <summary>The settings, or a <see cref="UsageException"/> that tells every mistake in them.</summary>
    internal static ServeSettings ReadSettings(IConfigurationRoot configuration)
    {
        ServeSettings settings = ServeSettings.Read(configuration, out IReadOnlyList<string> errors);
        return errors.Count == 0 ? settings : throw new UsageException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>Runs a mail server until it is stopped; <paramref name="ready"/> is printed when it runs, before its addresses.</summary>
    /// <param name="input">Where its configuration is.</param>
    /// <param name="fit">Makes settings into those of this kind of server.</param>
    /// <param name="ready">What is printed.</param>
    /// <param name="output">Where.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<int> RunAsync(ConfigurationInput input, Func<ServeSettings, ServeSettings> fit, string ready, TextWriter output, CancellationToken cancellationToken)
    {
        IConfigurationRoot configuration = input.Load();
        ServeSettings settings = fit(ReadSettings(configuration));
        var running = new RunningConfiguration(input, configuration, settings, fit);
        // Made here and not by the container, so that it is still there for the last line and ends with everything written.
        using var logs = new LineLoggerProvider(new LogSink(Console.OpenStandardError()), settings.LogFormat, TimeProvider.System);
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "slimtafast" });
        builder.Logging
            .AddConfiguration(running.Followed.GetSection("Logging"))
            .AddProvider(logs)
            // What keeps the server from starting is told once, by the command line.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.AddSlimtaFast(settings);
        AddServiceManager(builder.Services);
        AddReload(builder.Services, running);
        using IHost host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            if (ready.Length > 0)
                await output.WriteLineAsync(ready);
            foreach (EndPoint endPoint in host.Services.GetRequiredService<MailServer>().EndPoints)
                await output.WriteLineAsync($"listening on {endPoint}");
            foreach (IPEndPoint endPoint in host.Services.GetServices<HttpEdge>().SelectMany(edge => edge.EndPoints))
                await output.WriteLineAsync($"listening on {endPoint}");
            foreach (AdminListener admin in host.Services.GetServices<AdminListener>())
                await output.WriteLineAsync($"admin on {admin.EndPoint}");
            await output.FlushAsync(cancellationToken);
            await host.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    private static void AddReload(IServiceCollection services, RunningConfiguration running)
    {
        services.AddSingleton(running);
        services.AddSingleton<ConfigurationReload>();
        services.AddHostedService(provider => new ReloadTrigger(
            provider.GetRequiredService<ConfigurationReload>(),
            new ReloadPlan(running.Input.Path, running.First.ReloadOnChange),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ISystemdNotifier>()));
    }

    // The variable alone decides, so that any manager with systemd's protocol is told, through a wrapper as well: the package's own rule asks whether the
    // parent is systemd itself.
    private static void AddServiceManager(IServiceCollection services)
    {
        if (OperatingSystem.IsLinux() && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NOTIFY_SOCKET")))
            services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
    }
}
