using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using VioActors.Contracts;
using VioActors.Daemon.Api;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server.Adaptation;
using VioActors.Daemon.Server.Agents;
using VioActors.Daemon.Server.Cluster;
using VioActors.Daemon.Server.Restore;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Server;

/// <summary>What the server is made of: one method per part.</summary>
internal static class ServerParts
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(60);

    /// <summary>Configuration and clock.</summary>
    public static IServiceCollection AddConfiguration(this IServiceCollection services, ServerOptions options,
        TimeProvider clock) =>
        services.AddSingleton(options).AddSingleton(clock);

    /// <summary>The certificate authority and who is trusted.</summary>
    public static IServiceCollection AddSecurity(
        this IServiceCollection services, SiteAuthority authority, ServerLeaf leaf) =>
        services.AddSingleton(authority).AddSingleton(authority.Trust)
            .AddSingleton(leaf).AddSingleton<FabricTls>().AddSingleton<Callers>();

    /// <summary>The actors, started already, and their store.</summary>
    public static IServiceCollection AddActors(
        this IServiceCollection services, SqlStore store, ActorSystem system, SiteId site) =>
        services.AddSingleton(store).AddSingleton(system).AddSingleton(provider => new SiteActors(
            provider.GetRequiredService<ActorSystem>(), site, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(ActorsOfSite.Codec);

    /// <summary>Connections to agents.</summary>
    public static IServiceCollection AddAgents(this IServiceCollection services, AgentConnections agents,
        TimeSpan grace) =>
        services.AddSingleton(agents).AddSingleton<SampleReader>().AddSingleton<AgentEndpoint>()
            .AddSingleton(provider => ActivatorUtilities.CreateInstance<HostNews>(provider, grace))
            .AddHostedService(provider => provider.GetRequiredService<HostNews>());

    /// <summary>The snapshots that plans were made from.</summary>
    public static IServiceCollection AddAdaptation(this IServiceCollection services, SnapshotFiles snapshots) =>
        services.AddSingleton(snapshots);

    /// <summary>The other servers of the site.</summary>
    public static IServiceCollection AddCluster(this IServiceCollection services, PeerClient? peers)
    {
        if (peers is not null)
            services.AddSingleton(peers);
        return services.AddSingleton<ClusterLooks>()
            .AddSingleton<ServerList>().AddHostedService(provider => provider.GetRequiredService<ServerList>());
    }

    /// <summary>What notices older copies of the store.</summary>
    public static IServiceCollection AddRestore(this IServiceCollection services, StoreGuard guard) =>
        services.AddSingleton(guard).AddSingleton<StoreCopies>().AddHostedService<StoreWatch>();

    /// <summary>Image files.</summary>
    public static IServiceCollection AddImages(this IServiceCollection services, ServerOptions options) =>
        services.AddSingleton(new BlobStore(options.BlobDirectory, options.BlobLimitMiB * 1024L * 1024L));

    /// <summary>The HTTP API and its description.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddRequestTimeouts(limits => limits.DefaultPolicy = new() { Timeout = RequestLimit });
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => UseWireJson(json.SerializerOptions));
        services.AddOpenApi("v1", ApiDescription.Configure);
        return services.AddSingleton<Lookup>().AddSingleton<Views>().AddSingleton<Settling>()
            .AddSingleton<OperationIndex>().AddSingleton<FirstAnswers>()
            .AddHostedService(provider => provider.GetRequiredService<OperationIndex>());
    }

    /// <summary>The listeners.</summary>
    public static IServiceCollection AddListeners(this IServiceCollection services)
    {
        services.AddSingleton<Listeners>();
        services.AddOptions<KestrelServerOptions>()
            .Configure<Listeners>((kestrel, listeners) => listeners.Configure(kestrel));
        return services;
    }

    /// <summary>
    /// The JSON of the API is that of the wire; a member that nobody knows is a mistake of the caller.
    /// </summary>
    private static void UseWireJson(JsonSerializerOptions json)
    {
        json.DefaultIgnoreCondition = Wire.Json.DefaultIgnoreCondition;
        json.MaxDepth = Wire.Json.MaxDepth;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.RespectNullableAnnotations = true;
        foreach (var converter in Wire.Json.Converters)
            json.Converters.Add(converter);
    }
}
