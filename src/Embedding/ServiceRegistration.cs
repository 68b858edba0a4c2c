using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VioActors.Embedding;

/// <summary>Puts actors into an application.</summary>
public static class ServiceRegistration
{
    /// <summary>
    /// Hosts durable actors in this application: as the service <see cref="ActorHost"/>, with the health check
    /// <c>vioactors</c>. Call it before services that use actors while they start. A <see cref="TimeProvider"/> among
    /// the services is their clock.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// There is no store or no actor, the limits contradict each other, or it was called before.
    /// </exception>
    /// <exception cref="ArgumentException">A message's name is malformed or used twice.</exception>
    public static IServiceCollection AddVioActors(
        this IServiceCollection services, Action<VioActorsOptions> configure)
    {
        if (services.Any(service => service.ServiceType == typeof(ActorHost)))
            throw new InvalidOperationException(
                "AddVioActors was called before: an application has one store; add all its actors in one call.");
        var options = new VioActorsOptions();
        configure(options);
        options.Check();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new ActorHost(
            options, provider, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ActorHost>>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ActorHost>());
        services.AddHealthChecks().AddCheck<ActorHealth>("vioactors");
        return services;
    }
}
