using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.Features;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>Images of the site and the files they are made of.</summary>
internal static class ImageRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/images", ListAsync).WithMetadata(Access.Readers).WithSummary("Images of the site")
            .Produces<ImmutableArray<ImageDefinition>>();
        api.MapPut("/images/{name}", PutAsync).WithMetadata(Access.Administrators).WithSummary("Make an image known")
            .Produces<ImageDefinition>();
        api.MapDelete("/images/{name}", RemoveAsync).WithMetadata(Access.Administrators).WithSummary("Forget an image");
        api.MapPut("/blobs/{sha256}", PutBlobAsync).WithMetadata(Access.Administrators, ForgetsAnswers.Mark)
            .WithSummary("Store an image file; the body is the file").Produces<BlobView>().DisableRequestTimeout();
        api.MapMethods("/blobs/{sha256}", ["HEAD"], HeadBlob).WithMetadata(Access.Administrators)
            .WithSummary("Whether an image file is stored");
    }

    private static async Task<IResult> ListAsync(HttpContext context, SiteActors actors) =>
        TypedResults.Ok((await actors.SiteAsync(context.RequestAborted)).Images.Values);

    private static async Task<IResult> PutAsync(
        string name, ImageDefinition image, HttpContext context, SiteActors actors, BlobStore blobs)
    {
        if (image.Name != name)
            throw ProblemException.BadInput($"The path names image '{name}' and the body '{image.Name}'.",
                "Use one name.");
        Require(blobs, name, "kernel", image.Kernel);
        Require(blobs, name, "initrd", image.Initrd);
        if (image.Disk is { } disk)
            Require(blobs, name, "disk", disk);
        await actors.TellAsync(
            actors.SiteKey, new PutImage(image), context.Caller(), context.IdempotencyKey(), context.RequestAborted);
        return TypedResults.Ok(image);
    }

    private static async Task<IResult> RemoveAsync(string name, HttpContext context, SiteActors actors)
    {
        await actors.TellAsync(
            actors.SiteKey, new RemoveImage(name), context.Caller(), context.IdempotencyKey(), context.RequestAborted);
        return TypedResults.Ok(new { });
    }

    private static async Task<IResult> PutBlobAsync(
        string sha256, HttpContext context, BlobStore blobs, ILogger<BlobStore> log)
    {
        RequireHash(sha256);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = blobs.LimitBytes + 1;
        try
        {
            var bytes = await blobs.PutAsync(sha256, context.Request.Body, context.RequestAborted);
            log.BlobStored(sha256, bytes);
            return TypedResults.Ok(new BlobView(sha256, bytes));
        }
        catch (InvalidDataException bad)
        {
            throw ProblemException.BadInput(bad.Message, "Send the whole file again under its own SHA-256.");
        }
    }

    private static IResult HeadBlob(string sha256, HttpContext context, BlobStore blobs)
    {
        RequireHash(sha256);
        if (blobs.Find(sha256) is not { } path)
            return TypedResults.NotFound();
        context.Response.ContentLength = new FileInfo(path).Length;
        return TypedResults.Empty;
    }

    private static void Require(BlobStore blobs, string image, string part, Blob blob)
    {
        RequireHash(blob.Sha256);
        var path = blobs.Find(blob.Sha256) ?? throw ProblemException.Conflict(
            "blob-missing", $"The {part} of image '{image}', {blob.Sha256}, is not stored.",
            $"Send it first: PUT /api/v1/blobs/{blob.Sha256}.");
        if (new FileInfo(path).Length != blob.Bytes)
            throw ProblemException.BadInput(
                $"The {part} of image '{image}' has {new FileInfo(path).Length} octets, not {blob.Bytes}.",
                "State its true length.");
        if (blob.Format == "qcow2" && QcowHeader.Problem(path) is { } problem)
            throw ProblemException.BadInput($"The {part} of image '{image}' {problem}.",
                "Convert it: qemu-img convert -O qcow2.");
    }

    private static void RequireHash(string sha256)
    {
        if (!BlobStore.IsHash(sha256))
            throw ProblemException.BadInput("The name of a file is its SHA-256: 64 lower-case hex digits.",
                "Compute it with sha256sum.");
    }
}
