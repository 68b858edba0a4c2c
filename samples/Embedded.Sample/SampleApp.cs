using VioActors.Actors.Host;
using VioActors.Actors.Site;
using VioActors.Actors.Switch;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Embedded.Sample.Accounts;
using VioActors.Embedded.Sample.Sites;
using VioActors.Embedding;

namespace VioActors.Embedded.Sample;

/// <summary>An ASP.NET Core application with durable actors in it: its own, and those of a site.</summary>
public static class SampleApp
{
    /// <summary>The application, not started.</summary>
    /// <param name="args">
    /// <c>--store=FILE</c> for SQLite, or <c>--postgres="Host=..;Database=.."</c>; <c>--urls=http://127.0.0.1:5000</c>.
    /// </param>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddVioActors(options =>
        {
            if (builder.Configuration["postgres"] is { } connection)
                options.UsePostgres(connection);
            else
                options.UseSqlite(builder.Configuration["store"] ?? "sample.db");
            options
                .AddMessages(AccountMessages.Names)
                .AddActor(new AccountActor())
                .AddEffects<ReceiptPrinter>();
            AddSite(options);
        });
        builder.Services.AddSingleton<LocalHosts>().AddHostedService<LocalSite>();
        var app = builder.Build();
        app.MapHealthChecks("/health");
        app.MapAccounts();
        app.MapSite();
        return app;
    }

    /// <summary>A whole site beside the application's own actors, on the same store.</summary>
    private static void AddSite(VioActorsOptions options)
    {
        options.Json = Wire.Json;
        options
            .AddMessages(Wire.Types.Select(type => (type.Key, type.Value)))
            .AddActor(new SiteActor())
            .AddActor(new EnvironmentActor())
            .AddActor(new HostActor())
            .AddActor(new NetworkActor())
            .AddActor(new SwitchActor())
            .AddEffects(services => services.GetRequiredService<LocalHosts>().Agents)
            .AddEffects(services => services.GetRequiredService<LocalHosts>().Switches);
    }
}
