using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using VioActors.Contracts;

namespace VioActors.Daemon.Api;

/// <summary>What the OpenAPI document says beside the routes: title, how to authenticate, ids as texts.</summary>
internal static class ApiDescription
{
    /// <summary>Sets the document up.</summary>
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "VioActors",
                Version = "v1",
                Description = "Virtual clusters of one site."
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A user's token. Not needed by root on the unix socket.",
            };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (IsId(context.JsonTypeInfo.Type))
                schema.Type = JsonSchemaType.String;
            return Task.CompletedTask;
        });
    }

    private static bool IsId(Type type) => Array.Exists(
        (Nullable.GetUnderlyingType(type) ?? type).GetInterfaces(),
        i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IVioId<>));
}
